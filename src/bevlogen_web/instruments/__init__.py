"""What is asked: instruments, their versions, and the form that respondents fill in."""
