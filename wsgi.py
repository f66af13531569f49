"""The entry for the server and for the `flask` command."""

from config import from_env
from maturity.app import create_app

app = create_app(from_env())
