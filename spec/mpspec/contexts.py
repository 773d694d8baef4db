"""contexts"""

from mpspec.clause import Chapter

chapter = Chapter("contexts", section="contexts", source="multiprocessing")
