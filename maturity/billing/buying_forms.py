"""What somebody chooses to buy, and how it is to change."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, StringField
from wtforms.validators import AnyOf, InputRequired, Length, Optional, ValidationError

from maturity.plans.model import CURRENCIES, INTERVALS

#: How it is paid. The first two renew themselves; the others are a year paid once.
SUBSCRIPTION, TRIAL = "subscription", "trial"
TRANSFER, CARD, ALIPAY, WECHAT = "transfer", "card", "alipay", "wechat_pay"
RECURRING = (SUBSCRIPTION, TRIAL)
ONCE = (TRANSFER, CARD, ALIPAY, WECHAT)
WAYS = {
    TRANSFER: _("Bank transfer"),
    SUBSCRIPTION: _("Card, renewed automatically"),
    TRIAL: _("Free trial first"),
    CARD: _("Card, once"),
    ALIPAY: _("Alipay"),
    WECHAT: _("WeChat Pay"),
}
_FULLWIDTH = str.maketrans("０１２３４５６７８９", "0123456789")


class _Seats(FlaskForm):
    interval = RadioField(
        _("Billing period"),
        choices=[("year", _("Yearly")), ("month", _("Monthly"))],
        validators=[AnyOf(INTERVALS, message=_("Choose monthly or yearly."))],
        validate_choice=False,
    )
    seats = StringField(_("Seats"), validators=[Optional()])
    #: Read from the field; 1 where the plan is not sold by the seat.
    number: int = 1

    def validate_seats(self, field: StringField) -> None:
        typed = (field.data or "1").strip().translate(_FULLWIDTH)
        if not typed.isdecimal() or len(typed) > 5:
            raise ValidationError(_("Give the number of seats as a whole number, such as 5."))
        self.number = int(typed)


class BuyForm(_Seats):
    """`plan` and `currency` stand in the address of the page and are sent with it."""

    plan = HiddenField(validators=[InputRequired(_("Choose a plan."))])
    currency = HiddenField(validators=[AnyOf(CURRENCIES, message=_("Choose yuan or US dollars."))])
    way = RadioField(
        _("How you pay"),
        choices=list(WAYS.items()),
        validators=[AnyOf(list(WAYS), message=_("Choose how you pay."))],
        validate_choice=False,
    )
    coupon = StringField(
        _("Coupon (if you have one)"),
        validators=[Optional(), Length(max=40, message=_("Shorten the code to at most %(max)d characters."))],
    )


class ChangeForm(_Seats):
    """What the subscription is to become."""


class ConfirmForm(_Seats):
    """The same, with the instant of the preview and the amount that was shown."""

    at = HiddenField(validators=[InputRequired()])
    due = HiddenField(validators=[InputRequired()])
