"""Words the catalogue benchmark writes titles from: made-up brands, common qualities, series names.

Categories come from the shipped taxonomy. How often a word is used falls with its rank (Zipf), so that
a few words stand in a third of all titles and very many in a handful.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_QUALITIES: Final = """
新款/new 家用/home 便携/portable 加厚/thick 轻便/light 耐用/durable
防滑/non-slip 大容量/large 透气/breathable 简约/simple
多功能/multifunctional 可折叠/foldable 高级/premium 儿童/kids
防水/waterproof 静音/quiet 户外/outdoor 复古/retro 迷你/mini 柔软/soft
智能/smart 无线/wireless 保暖/warm 速干/quick-dry 抗菌/antibacterial
环保/eco 可调节/adjustable 充电式/rechargeable 纯棉/cotton 真皮/leather
不锈钢/stainless 陶瓷/ceramic 实木/wooden 玻璃/glass 硅胶/silicone
手工/handmade 日式/japanese 北欧/nordic 中式/classic 旅行/travel
办公/office 学生/student 情侣/couple 宠物/pet 车载/car 厨房/kitchen
卧室/bedroom 浴室/bathroom 花园/garden 运动/sports 健身/fitness
露营/camping 钓鱼/fishing 婚礼/wedding 生日/birthday 节日/holiday
耐高温/heatproof 防摔/shockproof 防晒/sunproof 防尘/dustproof
磁吸/magnetic 触控/touch 高清/hd 高速/fast 节能/energy-saving 超薄/slim
双层/double 三件套/three-piece 礼盒装/gift-box 组合/combo 替换装/refill
专业/professional 入门/beginner 经典/timeless 时尚/stylish 可爱/cute
清新/fresh 艺术/artistic 工业/industrial
"""
_COLOURS: Final = "黑色 白色 灰色 蓝色 红色 绿色 粉色 米色 棕色 黄色 紫色 橙色 银色 金色 透明 藏青"
_SIZES: Final = "均码 小号 中号 大号 加大 一件装 两件装 四件装 500克 1千克 500毫升 1升"
_MATERIALS: Final = (
    "棉 涤纶 羊毛 亚麻 皮革 不锈钢 铝合金 塑料 玻璃 陶瓷 竹 橡木 松木 硅胶 帆布 尼龙"
)
_ENDINGS: Final = "包邮 送礼 官方 正品 升级版 旗舰 热卖 家庭装 限量 两只装 全套 原装"
_FIRST: Final = (
    "云山海林星月风晨青禾松竹梅兰江河湖溪石玉金木花草鹿鹤雁燕南北东西春夏秋冬明清安宁乐思远望知行"
)
_SECOND: Final = (
    "岚川舟屿野原间里居坊堂记物品造家园田谷峰岭泉渡桥亭阁轩苑舍庭影声光色香味语纪年时度衡尺寸方圆"
)
_SYLLABLES: Final = (
    "ba be bo da de do fa fe ga go ha ka ke ko la le lo ma me mi na ne no pa ra re ri ro sa se so ta te to"
    " va vi wa ya yo za"
)

QUALITIES: Final[Sequence[tuple[str, str]]] = [
    (pair[: pair.index("/")], pair[pair.index("/") + 1 :]) for pair in _QUALITIES.split()
]
COLOURS: Final = tuple(_COLOURS.split())
SIZES: Final = tuple(_SIZES.split())
MATERIALS: Final = tuple(_MATERIALS.split())
ENDINGS: Final = tuple(_ENDINGS.split())
SYLLABLES: Final = tuple(_SYLLABLES.split())


class Zipf(Generic[T]):
    """Values drawn with a weight of 1/rank to the power given."""

    def __init__(self, values: Sequence[T], power: float, chance: random.Random) -> None:
        self.values = values
        self._sums = list(accumulate(1 / (rank + 2) ** power for rank in range(len(values))))
        self._chance = chance

    def draw(self, count: int) -> list[T]:
        return self._chance.choices(self.values, cum_weights=self._sums, k=count)


@dataclass(frozen=True, slots=True)
class Name:
    """A made-up name in both scripts."""

    zh: str
    latin: str


def made_up(count: int, chance: random.Random, *, syllables: int) -> list[Name]:
    """Different names, no two alike in both scripts."""
    found: dict[tuple[str, str], Name] = {}
    while len(found) < count:
        zh = chance.choice(_FIRST) + chance.choice(_SECOND)
        latin = "".join(chance.choice(SYLLABLES) for _ in range(syllables))
        found.setdefault((zh, latin), Name(zh, latin))
    return list(found.values())
