"""What is dear to make and is made once for many tests, unless one of them fails."""


class Shared:
    """What tests of a module share as long as they pass: a test that failed leaves nothing behind for the next one."""

    def __init__(self, place, make):
        self.place, self.make = place, make
        self.made, self.harmed, self.count = None, False, 0

    def get(self):
        if self.harmed:
            self.end()
        if self.made is None:
            self.count += 1
            place = self.place / f"made{self.count}"
            place.mkdir()
            self.made = self.make(place)
        return self.made

    def end(self):
        made, self.made, harmed, self.harmed = self.made, None, self.harmed, False
        if made is not None:
            made.end(harmed)
