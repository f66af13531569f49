"""What tenants may use and what it costs, as versioned data. Pure: no web, no database.

`editions/*.yaml` are the price lists; one that was ever in force is never edited, only followed by another. `model` is
what they say, `loader` reads them, `pricing` computes with them in minor units, `entitlements` says what the plans of a
tenant come to at a moment.
"""
