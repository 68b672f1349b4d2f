"""Starts, watches and stops the processes of the daemon; imports no stage and no engine."""
