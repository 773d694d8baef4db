"""process"""

from mpspec.clause import Chapter

chapter = Chapter("process", section="process", source="multiprocessing")
