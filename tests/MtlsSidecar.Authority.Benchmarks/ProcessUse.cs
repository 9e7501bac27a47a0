using System.Globalization;

namespace MtlsSidecar.Authority.Benchmarks;

/// <summary>What a process has used, as Linux counts it.</summary>
internal static class ProcessUse
{
    private const double TicksPerSecond = 100;

    /// <summary>The most memory that it has had resident, in MiB; null once it is gone.</summary>
    public static double? PeakMebibytes(int processId)
    {
        try
        {
            var line = File.ReadLines($"/proc/{processId}/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? null : double.Parse(line.Split(':', 'k')[1], CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>CPU seconds, user and system.</summary>
    public static double CpuSeconds(int processId)
    {
        var fields = File.ReadAllText($"/proc/{processId}/stat").Split(") ")[1].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
