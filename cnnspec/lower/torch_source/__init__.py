"""The network as a Python file that needs torch alone, as a person would have written it.

rooms        which module runs when, on what, and what it hands on
drafts       one room as members and steps, its numbers apart
classes      rooms that differ in numbers alone become one class
settling     its arguments, and how each number is said with them
expressions  numbers as expressions over those arguments, each tried on every use
forward      statements, variables and shapes
layout       lines as long as they may be
begin        what weights begin with, where it is not torch's own
module       the whole file
"""
