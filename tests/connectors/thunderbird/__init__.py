"""Tests of the Thunderbird connector, and the builders of profiles that they share."""
