"""The twenty-two promises that the owner makes to her customers, each kept from the command line on the made-up company."""
