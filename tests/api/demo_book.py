"""The demo book, with what demo.env says of it."""

from world import Order, Party, World


class DemoBook(World):
    def __init__(self, program):
        super().__init__(program)
        self.environment = program.demo
        self.institution = Party(self.credentials(self["MCHID"]), self["SUB_MCHID"])
        self.other_child = Party(self.institution.caller, self["OTHER_SUB_MCHID"])
        self.direct = Party(self.credentials(self["DIRECT_MCHID"]))

    def __getitem__(self, name):
        return self.environment[name]

    def party(self, mode):
        return self.institution if mode == "institution" else self.direct

    def of(self, mode, name):
        """A value of demo.env for this mode."""
        return self[name if mode == "institution" else f"DIRECT_{name}"]

    def amounts_of(self, mode):
        """The amounts query of this mode's TRANSACTION_ID."""
        order = Order(self.party(mode), 0, self.of(mode, "TRANSACTION_ID"), self.of(mode, "OUT_TRADE_NO"), None)
        return self.amounts(order)
