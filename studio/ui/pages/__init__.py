"""The five pages of the window, and the welcome page."""
