"""What other systems read of reports, and what we read of theirs."""
