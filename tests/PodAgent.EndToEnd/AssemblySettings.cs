// One agent at a time: the cases kill processes and look at the whole machine for what was left.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
