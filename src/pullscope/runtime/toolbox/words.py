"""The words of the toolbox: programs that the runtime brings itself, since WASI has neither shell nor processes.

A container has them where its image marks them as files in /bin, as the images made by Pullscope do (`images.probe`). The
marks cannot be executed elsewhere: on any other runtime a word is what it is there, not found.
"""

WORDS = ("cat", "echo", "env", "false", "hostname", "id", "ls", "printenv", "pwd", "sh", "sleep", "true")

DIRECTORY = "bin"

MARK = b"A word of Pullscope's toolbox; see runtime/toolbox in its source. Not a program.\n"
