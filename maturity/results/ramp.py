"""The fixed colours of the levels, from pale to dark: those of `static/css/tokens.css`, in every picture and figure."""

LEVELS = {1: "#f5e6b3", 2: "#a6d3b4", 3: "#4fa3b8", 4: "#1d4f91", 5: "#152a57"}
