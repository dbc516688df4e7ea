"""What a workbook repeats of a person outside its cells, one small module per family of parts."""
