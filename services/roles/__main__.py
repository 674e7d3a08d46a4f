"""Serves the roles model: ``python -m services.roles``."""

from services.roles.model import RolesModel
from services.roles.server import register
from services.serving.process import main

if __name__ == "__main__":
    main("roles", 50053, RolesModel, register)
