"""The texts that the script of the report form shows, by key."""

from gis.words import N_

WORDS: dict[str, str] = {
    "failed": N_("The server could not answer. Try again in a moment."),
    "no_connection": N_("No connection to the server. Check the network and try again."),
    "logged_out": N_("Your session has ended. Please log in again."),
    "locating": N_("Looking for your position…"),
    "not_located": N_("Your position is not known here; move the map instead."),
    "waiting": N_("No network: the report is kept on this device and sent when the network is back."),
    "found_draft": N_("This report was not sent yet. Look at it, and send it."),
    "not_sent": N_("Not sent yet: {title}"),
    "send": N_("Report"),
    "go_on": N_("Go on with it"),
    "throw_away": N_("Discard"),
    "throw_sure": N_("Discard this report for good? It was not sent."),
    "now_sent": N_("Reported: {title}"),
    "no_room": N_("This device has no room left for what you write, its pictures at least: send it before you leave."),
    "elsewhere": N_("The report of this form was sent, discarded or gone on with in another window."),
}
