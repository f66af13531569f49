"""The regulator's dashboard: questions answered from released cells, each as chart, table and file."""
