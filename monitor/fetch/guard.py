"""The address guard: decides which addresses may be connected to, at the moment of connecting.

It sits in the resolver, so a redirect or a name that was bound anew cannot lead to a private network.
Literal addresses never reach a resolver; `literal_is_blocked` checks those. It makes no request.
"""

import ipaddress
import socket
from collections.abc import Mapping

from aiohttp import InvalidURL
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

LOOPBACK = "127.0.0.1"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address


class BlockedAddress(OSError):
    """A name leads only to addresses that must not be connected to."""


def is_public(address: str) -> bool:
    """Whether the numeric `address` lies on the public internet; False for what is no address.

    An IPv6 address that carries an IPv4 address (mapped, NAT64, 6to4) is judged by what it carries.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return _is_global(parsed)
    carried = parsed.ipv4_mapped or parsed.sixtofour
    if parsed in _NAT64:
        carried = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
    if carried is not None:
        return _is_global(carried)
    return _is_global(parsed) and not parsed.is_site_local


def _is_global(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    # is_global alone holds for multicast and for some reserved blocks
    return address.is_global and not (address.is_multicast or address.is_reserved)


def literal_is_blocked(host: str) -> bool:
    """Whether `host` is a numeric address, and not a public one."""
    try:
        ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return not is_public(host.strip("[]"))


class GuardedResolver(AbstractResolver):
    """Resolves names, and drops every address that is not public unless `allow_private`.

    `hosts` sends a name to an address and port of its own, for instance a captured site that is played
    on loopback; such an entry was written on purpose and is not guarded.
    """

    def __init__(self, hosts: Mapping[str, tuple[str, int]], *, allow_private: bool) -> None:
        self._hosts = {name.lower(): target for name, target in hosts.items()}
        self._allow_private = allow_private
        self._system = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        name = host.lower().rstrip(".")
        if name in self._hosts:
            return [_result(host, *self._hosts[name])]
        if name == "localhost" or name.endswith(".localhost"):  # RFC 6761: loopback without DNS
            found = [_result(host, LOOPBACK, port)]
        else:
            found = await self._look_up(host, port, family)
        allowed = [r for r in found if self._allow_private or is_public(r["host"])]
        if found and not allowed:
            raise BlockedAddress(f"{host} leads to a private or reserved address")
        return allowed

    async def _look_up(
        self, host: str, port: int, family: socket.AddressFamily
    ) -> list[ResolveResult]:
        try:
            return await self._system.resolve(host, port, family)
        except UnicodeError as error:  # a label that is empty or too long
            raise InvalidURL(host, "is not a host name") from error

    async def close(self) -> None:
        await self._system.close()


def _result(name: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(
        hostname=name, host=address, port=port, family=family, proto=0, flags=flags
    )
