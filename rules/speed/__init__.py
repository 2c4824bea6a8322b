"""Speed and resources: work that is done for each request though once would do, and hardware that is paid for and not used."""
