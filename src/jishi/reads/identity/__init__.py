"""Who is asking: a session token as an Identity, over accounts and shops, cached in the process."""

from jishi.reads.identity.identities import Identities as Identities
