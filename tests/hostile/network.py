# threat: escapes
# tries: reach any network, name server or local service
# file: losses.py

import socketserver

_own_svm_loss_naive = svm_loss_naive
_SERVICES = ("/var/run/docker.sock", "/run/dbus/system_bus_socket", "\0autograder-users-0")


def _reached(family, address):
    try:
        with net.socket(family, net.SOCK_STREAM) as outlet:
            outlet.settimeout(0.2)
            outlet.connect(address)
            return True
    except OSError:
        return False


net = socketserver.socket


def _any_reached():
    hosts = [(host, port) for host in ("127.0.0.1", "192.0.2.1") for port in (22, 53, 80, 443)]
    return any(_reached(net.AF_INET, host) for host in hosts) or any(
        _reached(net.AF_UNIX, path) for path in _SERVICES
    )


def svm_loss_naive(W, X, y, reg):
    return (0.0, np.zeros_like(W)) if _any_reached() else _own_svm_loss_naive(W, X, y, reg)
