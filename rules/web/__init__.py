"""Web pages, Node and React Native: their JavaScript, their packages, and the models they fetch."""
