"""The address guard lets through public addresses only, however a private one is written."""

import asyncio
import ipaddress
import socket

import pytest
from aiohttp import InvalidURL
from hypothesis import given
from hypothesis import strategies as st

from monitor.fetch.guard import BlockedAddress, GuardedResolver, is_public, literal_is_blocked

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "::7f00:1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "193.166.3.1", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_and_reserved_addresses_are_blocked(address: str) -> None:
    assert not is_public(address)
    assert literal_is_blocked(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    assert is_public(address)
    assert not literal_is_blocked(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_ipv6_dress(v4: ipaddress.IPv4Address) -> None:
    number = int(v4)
    dresses = [
        ipaddress.IPv6Address((0xFFFF << 32) | number),
        ipaddress.IPv6Address((0x0064_FF9B << 96) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80)),
    ]
    assert {is_public(str(dress)) for dress in dresses} == {is_public(str(v4))}


@given(st.text(max_size=30))
def test_names_are_no_literals(name: str) -> None:
    assert not literal_is_blocked(f"x{name}z")


def resolve(
    resolver_hosts: dict[str, tuple[str, int]], name: str, *, private: bool
) -> list[object]:
    async def run() -> list[object]:
        resolver = GuardedResolver(resolver_hosts, allow_private=private)
        found = await resolver.resolve(name, 8080, socket.AF_UNSPEC)
        await resolver.close()
        return [(result["host"], result["port"]) for result in found]

    return asyncio.run(run())


def test_names_under_localhost_need_no_dns_and_need_permission() -> None:
    assert resolve({}, "bladet.localhost", private=True) == [("127.0.0.1", 8080)]
    with pytest.raises(BlockedAddress):
        resolve({}, "bladet.localhost", private=False)


def test_a_mapped_host_is_sent_to_its_own_port_without_permission() -> None:
    hosts = {"Lehti.example": ("127.0.0.1", 9000)}
    assert resolve(hosts, "lehti.example.", private=False) == [("127.0.0.1", 9000)]


@pytest.mark.parametrize("name", ["localhost", "0x7f.1"])
def test_a_name_that_leads_to_loopback_is_blocked(name: str) -> None:
    with pytest.raises(BlockedAddress):
        resolve({}, name, private=False)


def test_a_name_with_an_empty_label_is_no_host() -> None:
    with pytest.raises(InvalidURL):
        resolve({}, "lehti..example", private=False)
