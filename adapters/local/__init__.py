"""The reference adapter: a team chat on a web page of this machine."""
