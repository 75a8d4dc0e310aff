"""AIGC Studio: train generative models from scratch on your own files."""

__version__ = "0.1.0"
