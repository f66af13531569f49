"""What a tenant may use now. Other features ask here and nowhere else; how it was paid is `billing`'s matter."""
