"""The settings form: texts as typed, so that nothing is lost, and what they mean."""

import msgspec

from jishi.kit.money import format_plain
from jishi.kit.pictures import picture_value, read_picture
from jishi.kit.typed import read_minor, read_whole
from jishi.modules.shops.types import Shop, ShopSettings, ShopState


class SettingsForm(msgspec.Struct, kw_only=True):
    name: str = ""
    name_en: str = ""
    about: str = ""
    phone: str = ""
    logo: str = ""  # a picture value, see picture_value
    freight_minor: str = ""
    free_freight_from_minor: str = ""
    ship_within_hours: str = ""
    is_on_holiday: str = ""
    holiday_note: str = ""
    version: int = 0
    do: str = "save"

    def settings(self, currency: str) -> ShopSettings:
        free_from = self.free_freight_from_minor.strip()
        return ShopSettings(
            name=self.name,
            name_en=self.name_en,
            about=self.about,
            phone=self.phone,
            logo=read_picture(self.logo),
            freight_minor=read_minor(self.freight_minor or "0", currency),
            free_freight_from_minor=read_minor(free_from, currency) if free_from else None,
            ship_within_hours=read_whole(self.ship_within_hours),
            is_on_holiday=bool(self.is_on_holiday),
            holiday_note=self.holiday_note,
        )


def form_of(shop: Shop, currency: str) -> SettingsForm:
    free_from = shop.free_freight_from_minor
    return SettingsForm(
        name=shop.name,
        name_en=shop.name_en,
        about=shop.about,
        phone=shop.phone,
        logo=picture_value(shop.logo),
        freight_minor=format_plain(shop.freight_minor, currency),
        free_freight_from_minor="" if free_from is None else format_plain(free_from, currency),
        ship_within_hours=str(shop.ship_within_hours),
        is_on_holiday="1" if shop.state is ShopState.HOLIDAY else "",
        holiday_note=shop.holiday_note,
        version=shop.version,
    )
