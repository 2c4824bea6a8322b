"""Security: files that run code of somebody's choosing when they are loaded, or reach for files and hosts they have no business with."""
