"""One file per family of generative models: recipe, networks, training step, sampling."""
