"""What a check came to, written for people and for machines. Pure: from a result to text."""
