"""One window a data folder: whoever starts the program again is shown the window that is open."""

import getpass
import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

ANSWER_MS = 2000
"""So long an open window may take to answer; one that hangs keeps nobody from starting."""
_HEARD = b"heard"


class Single(QObject):
    """Holds the name of a data folder as long as the window is open."""

    asked = Signal(str)
    """The program was started again, with these words (see ``tell``)."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        told = f"{getpass.getuser()}\n{folder.expanduser().absolute()}"
        self._name = f"mindkindler-sync-{hashlib.sha256(told.encode()).hexdigest()[:16]}"
        self._server: QLocalServer | None = None
        self._sockets: list[QLocalSocket] = []

    def tell(self, words: str) -> bool:
        """Whether a window is open on the folder; it has heard ``words`` then, and shows itself."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(ANSWER_MS):
            return False
        socket.write(words.encode() + b"\n")
        socket.flush()
        heard = socket.waitForReadyRead(ANSWER_MS) and bytes(socket.readAll().data()) == _HEARD
        socket.disconnectFromServer()
        return heard

    def listen(self) -> bool:
        """From now on hears of other starts; ``False`` where that is not possible."""
        server = self._server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._connected)
        if server.listen(self._name):
            return True
        # Nobody answered, so what holds the name was left behind by a program that was killed.
        QLocalServer.removeServer(self._name)
        return server.listen(self._name)

    def close(self) -> None:
        """Lets go of the name."""
        if self._server is not None:
            self._server.close()
            self._server.deleteLater()
            self._server = None
        for socket in self._sockets:
            socket.abort()
        self._forget()

    def _connected(self) -> None:
        while self._server is not None and self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            socket.setParent(self)
            self._sockets.append(socket)
            socket.readyRead.connect(self._read)
            socket.disconnected.connect(self._forget)
        self._read()

    def _read(self) -> None:
        for socket in list(self._sockets):
            while socket.canReadLine():
                words = bytes(socket.readLine().data()).decode(errors="replace").strip()
                socket.write(_HEARD)
                socket.flush()
                self.asked.emit(words)

    def _forget(self) -> None:
        gone = QLocalSocket.LocalSocketState.UnconnectedState
        for socket in [one for one in self._sockets if one.state() == gone]:
            self._sockets.remove(socket)
            socket.deleteLater()
