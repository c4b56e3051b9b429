"""Why is a bundle not put in force, although it can be read? Each reason has a code of its own."""

from __future__ import annotations

from engine.errors import BundleInvalid


class BundleUnsigned(BundleInvalid):
    """The bundle carries no signature, and one is required."""

    code = "bundle-unsigned"
    hint = "Have it built with `meshgate policy bundle --sign KEY`."


class BundleSignatureStripped(BundleInvalid):
    """The bundle says that it was signed, and its signature is gone."""

    code = "bundle-signature-stripped"
    hint = "Somebody took the signature out on the way: get the bundle from who built it."


class BundleSignatureUnreadable(BundleInvalid):
    """The bundle's `.signatures.json` is no signature as OPA defines it."""

    code = "bundle-signature-unreadable"
    hint = "Have it built with `meshgate policy bundle --sign KEY`, or signed with `opa sign`."


class BundleOtherKey(BundleInvalid):
    """The bundle's signature was not made with the key that `verify_key` belongs to."""

    code = "bundle-other-key"
    hint = "Compare the key with that of who signs; where the key was replaced, set `verify_key` to the new one."


class BundleTampered(BundleInvalid):
    """A file of the bundle is not the one that was signed."""

    code = "bundle-tampered"
    hint = "Somebody changed the bundle after it was signed: get it from who built it."


class BundleFileUnsigned(BundleInvalid):
    """The bundle holds a file that its signature does not cover."""

    code = "bundle-file-unsigned"
    hint = "Somebody added to the bundle after it was signed: get it from who built it."


class BundleOlder(BundleInvalid):
    """The bundle was released before the one that is in force."""

    code = "bundle-older"
    hint = "Release it anew with a later moment, or go back on purpose with `meshgate policy rollback`."


class BundleNewlyErrs(BundleInvalid):
    """Under the bundle policies err on products of the catalog on which they did not err before."""

    code = "bundle-newly-errs"
    hint = "Try the named policies on the named products with `meshgate check`, and mend them."


class ReleaseInvalid(BundleInvalid):
    """What was to be released is no bundle that can be loaded."""

    code = "release-invalid"
    hint = "Build it with `meshgate policy bundle`, which refuses what cannot be loaded and says where."


class ReleaseUnusable(BundleInvalid):
    """The release that is in force cannot be used here, and nothing else is used in its stead."""

    code = "release-unusable"
    hint = "Go back with `meshgate policy rollback`, or run the version of meshgate that it was released for."


class ReleaseOvertaken(BundleInvalid):
    """Another release came into force while this one was tried."""

    code = "release-overtaken"
    hint = "Look at `meshgate policy releases`, then try again."


class ReleasesIgnored(BundleInvalid):
    """This server is configured to decide by its own policies, so a release would change nothing here."""

    code = "releases-ignored"
    hint = "Set `releases` to `follow`, or change the configured policies."


class KeyInvalid(BundleInvalid):
    """The key cannot be used to sign bundles or to verify them."""

    code = "key-invalid"
    hint = "Give a PEM file with an RSA key, or an EC key on P-256, P-384 or P-521."
