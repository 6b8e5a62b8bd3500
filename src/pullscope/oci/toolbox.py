"""How an image says which words of the toolbox its containers have: files of these names in /bin with this content.

The words are programs that the embedded runtime brings itself, since WASI has neither shell nor processes. The marks cannot
be executed elsewhere: on any other runtime a word is what it is there, not found.
"""

WORDS = ("cat", "date", "echo", "env", "false", "hostname", "id", "ls", "printenv", "pwd", "sh", "sleep", "true")

DIRECTORY = "bin"

MARK = b"A word of Pullscope's toolbox; see runtime/toolbox in its source. Not a program.\n"
