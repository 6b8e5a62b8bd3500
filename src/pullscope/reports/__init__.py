"""What every report is made with, whatever it reports: terminals, JUnit, one page of HTML, the flowchart as a drawing.

`verify` and `why` say what happened; nothing here knows either of them.
"""
