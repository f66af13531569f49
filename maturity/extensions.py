"""Extension objects, created unbound; `app.py` binds them."""

from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import event

from maturity.db import Base
from maturity.walls import lower_walls, raise_walls

db = SQLAlchemy(model_class=Base, disable_autonaming=True)
event.listen(Base.metadata, "after_create", lambda _metadata, connection, **_options: raise_walls(connection))
event.listen(Base.metadata, "before_drop", lambda _metadata, connection, **_options: lower_walls(connection))
migrate = Migrate()
csrf = CSRFProtect()
babel = Babel()
limiter = Limiter(get_remote_address)
