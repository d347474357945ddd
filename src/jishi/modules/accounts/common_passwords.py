"""Passwords everyone tries first: eight characters and more, lower case. Pure data.

What ``rules.is_monotonous`` finds (repetitions, runs along the keyboard) is not repeated here.
Source: the tops of published frequency lists, by hand.
"""

from typing import Final

_TEXT: Final = """
password password1 password12 password123 password1234 passw0rd p@ssw0rd p@ssword pa$$word
passwort mypassword yourpassword password! password1! 1password admin123 admin1234 admin888
administrator root1234 rootroot adminadmin welcome1 welcome123 letmein1 letmein123 iloveyou
iloveyou1 iloveyou2 sunshine sunshine1 princess princess1 football football1 baseball baseball1
basketball superman superman1 batman123 starwars trustno1 whatever computer internet samsung1
michelle jennifer jordan23 liverpool chocolate butterfly corvette mercedes charlie1 freedom1
michael1 jessica1 ashley12 123456789a 1234567a 12345678a a12345678 a123456789 a1234567 aa123456
aa12345678 ab123456 abc12345 abc123456 abcd1234 abcd12345 abcdef123 abc123abc asd123456 asdf1234
asdfasdf asdf123456 qwer1234 qwer12345 qwerqwer qwert123 qwert12345 qwerty12 qwerty123 qwerty1234
qwerty12345 qwertyui1 q1w2e3r4 q1w2e3r4t5 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc qazwsxedc
zaq12wsx zaq1zaq1 zxcvbnm1 zxcvbnm123 zxc123456 1234qwer 123qweasd 123qwe123 qwe123456 123abc123
12341234 12344321 11223344 1122334455 123123123 123321123 123456123 12312312 11111111a 111222333
112233445566 147258369 159357159 741852963 789456123 963852741 987654321a 31415926 314159265
66668888 88886666 16881688 13145200 5201314a 52013140 52013145 5201314520 1314520520 13141314
52015201 20082008 19491001 woaini123 woaini520 woaini1314 woaini5201314 woaiwojia woshishei
nihao123 nihaoma1 zhangwei wang1234 li123456 beijing2008 shanghai taobao123 weixin123 jishi123
jishi1234 changeme changeme1 test1234 testtest test12345 guest1234 default1 qwertyuiop1 dragon123
monkey123 master123 shadow123 killer123 hello123 helloworld hello1234 love1234 loveyou1 lovelove
mustang1 pokemon1 naruto123 blink182 metallica minecraft1
"""

COMMON: Final = frozenset(_TEXT.split())
