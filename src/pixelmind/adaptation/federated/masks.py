"""Keys and masks: X25519 agreement (RFC 7748), HKDF-SHA256 (RFC 5869), ChaCha20 as the generator of masks and ChaCha20-Poly1305 to seal
shares (RFC 8439), all from `cryptography`.

Vectors are uint64 arrays of numbers mod 2^bits, where `bits` is a multiple of 8 up to 56, so that a mask is uniform and a vector packs
into whole bytes.
"""

from __future__ import annotations

import secrets

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from pixelmind.adaptation.federated.messages import Refused

U64 = NDArray[np.uint64]
KEY_BYTES = 32


def agree(private: X25519PrivateKey, public: bytes, info: str) -> bytes:
    """32 bytes that only the two owners know, bound to `info`.

    Raises:
        Refused: not a public key, or one of small order.
    """
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError as error:
        raise Refused("malformed public key") from error
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info.encode()).derive(shared)


def expand(seed: bytes, count: int, bits: int) -> U64:
    """A mask of `count` numbers mod 2^bits from a seed of 32 bytes that is used for nothing else."""
    stream = Cipher(algorithms.ChaCha20(seed, bytes(16)), mode=None).encryptor()
    return unpack(stream.update(bytes(count * bits // 8)), count, bits)


def pack(vector: U64, bits: int) -> bytes:
    """Numbers below 2^bits as little-endian bytes, `bits` / 8 each."""
    return np.ascontiguousarray(vector, "<u8").view(np.uint8).reshape(-1, 8)[:, : bits // 8].tobytes()


def unpack(data: bytes, count: int, bits: int) -> U64:
    """The reverse of `pack`.

    Raises:
        Refused: another length.
    """
    if len(data) != count * bits // 8:
        raise Refused(f"a vector of {len(data)} bytes, {count * bits // 8} were expected")
    out = np.zeros((count, 8), np.uint8)
    out[:, : bits // 8] = np.frombuffer(data, np.uint8).reshape(count, bits // 8)
    return out.view("<u8").ravel().astype(np.uint64, copy=False)


def to_ring(values: NDArray[np.int64], bits: int) -> U64:
    """Whole numbers mod 2^bits."""
    return values.astype(np.uint64) & np.uint64(2**bits - 1)


def from_ring(vector: U64, bits: int) -> NDArray[np.int64]:
    """Numbers mod 2^bits as the whole numbers from -2^(bits-1) on."""
    half = 1 << (bits - 1)
    return ((vector.astype(np.int64) + half) & ((1 << bits) - 1)) - half


def seal(key: bytes, plain: bytes, about: str) -> bytes:
    """Encrypt with authentication, bound to `about`; a fresh nonce of 12 bytes stands in front."""
    nonce = secrets.token_bytes(12)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, plain, about.encode())


def unseal(key: bytes, sealed: bytes, about: str) -> bytes:
    """The reverse of `seal`.

    Raises:
        Refused: changed, cut, or sealed for something else.
    """
    try:
        return ChaCha20Poly1305(key).decrypt(sealed[:12], sealed[12:], about.encode())
    except (InvalidTag, ValueError) as error:
        raise Refused("a sealed share that was changed or belongs elsewhere") from error
