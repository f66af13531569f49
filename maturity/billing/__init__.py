"""Paying for plans and certification: by card, Alipay and WeChat Pay through Stripe, and by bank transfer.

`gateway` is the way out with its null twin; `models` what is kept; `applying` brings what Stripe says into the
database, once and in order; `orders` are what is paid once; `ledger` is the money. What a plan opens is not asked here
but in `maturity.entitlements`.
"""
