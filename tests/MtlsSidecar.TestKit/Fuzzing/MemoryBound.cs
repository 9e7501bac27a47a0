namespace MtlsSidecar.TestKit.Fuzzing;

/// <summary>
/// That a reader takes memory in proportion to what it reads. Coarse on purpose: it is to catch a length that is believed and a list that
/// grows out of nothing, not a few octets more.
/// </summary>
public static class MemoryBound
{
    private const long Always = 1024 * 1024;
    private const long PerOctet = 512;

    /// <summary>Runs an action over an input of this length and fails when it allocated more than the bound.</summary>
    public static T Hold<T>(int inputLength, Func<T> action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = action();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return allocated <= Always + (PerOctet * inputLength)
            ? result
            : throw new InvalidOperationException($"{allocated} bytes allocated for an input of {inputLength}");
    }
}
