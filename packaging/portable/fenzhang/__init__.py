"""Fenzhang, a WeChat Pay Global back end that you can run yourself: where its program lies."""
import pathlib

PROGRAM = pathlib.Path(__file__).resolve().parent / "bin" / "fenzhang"
