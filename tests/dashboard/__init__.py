"""The page in a browser, before the whole system: a package, so that both end before other folders begin."""
