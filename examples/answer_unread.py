"""Answer unread replies of leads, and mark them as read.

python examples/answer_unread.py
"""

from __future__ import annotations

from collections.abc import Callable

from instantly_client import Instantly
from instantly_client.models import Email


def answer_unread(client: Instantly, compose: Callable[[Email], str | None]) -> int:
    """Answer each unread e-mail with the text that `compose` makes of it; None leaves it unread. Returns how many."""
    answered = 0
    # Read before it is changed: an e-mail that was read leaves the list of unread ones.
    for email in client.emails.list(is_unread=True, email_type="received").collect():
        text = compose(email)
        if text is None or not email.eaccount:
            continue
        # A write is not repeated, so that nobody gets an answer twice. First marked, then answered: what breaks between
        # the two leaves an e-mail without an answer, and never with two.
        client.emails.update(email.id, is_unread=False)
        client.emails.reply(
            eaccount=email.eaccount,
            reply_to_uuid=email.id,
            subject=f"Re: {(email.subject or '').removeprefix('Re: ')}",
            body={"text": text},
        )
        answered += 1
    return answered


def thanks(email: Email) -> str | None:
    """Thank for an answer that asks for a call, and leave the others to a person."""
    text = email.body.text or email.body.html or ""
    return "Thank you! When would suit you?" if "call" in text.lower() else None


if __name__ == "__main__":
    with Instantly() as instantly:
        print(answer_unread(instantly, thanks), "answered")
