"""The texts that the script of the rounds shows, by key."""

from gis.words import N_

WORDS: dict[str, str] = {
    "failed": N_("The server could not answer. Try again in a moment."),
    "no_connection": N_("No connection to the server. Check the network and try again."),
    "logged_out": N_("Your session has ended. Please log in again."),
    "close": N_("Close"),
    "retry": N_("Try again"),
    "undo": N_("Take back"),
    "refused": N_("Not taken by the server; kept on this device"),
    "again": N_("Send again"),
    "second": N_("Record a second one"),
    "discard": N_("Discard"),
    "saved": N_("Recorded: {count}"),
    "waiting": N_("Recorded: {count} · waiting for the network: {waiting}"),
    "kept": N_("No network: {waiting} visits are kept on this device and sent when the network is back."),
    "log_in_again": N_("Log in again as {name} to send {waiting} visits; they are kept on this device."),
    "not_located": N_("Your position is not known here; the list stays in its order."),
    "none_shown": N_("Nothing in the list answers to these words."),
}
