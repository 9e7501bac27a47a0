using System.Globalization;

namespace MtlsSidecar.Benchmarks.Measuring;

/// <summary>What processes cost, their children included, as Linux counts it.</summary>
internal static class ProcessCost
{
    // USER_HZ: 100 on every Linux that .NET runs on, whatever the kernel's own tick (proc(5)).
    private const double TicksPerSecond = 100;

    /// <summary>CPU time in user and kernel mode that the processes and their living descendants have used, in seconds.</summary>
    public static double CpuSeconds(IEnumerable<int> processes) => WithDescendants(processes).Sum(id => Ticks(Statistics(id))) / TicksPerSecond;

    /// <summary>Memory of the processes and their descendants in MiB. Pages shared by several processes count in proportion (PSS).</summary>
    public static double PssMebibytes(IEnumerable<int> processes) => WithDescendants(processes).Sum(PssKibibytes) / 1024.0;

    private static List<int> WithDescendants(IEnumerable<int> processes)
    {
        var parents = Directory.EnumerateDirectories("/proc")
            .Select(directory => int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0)
            .Select(id => (Id: id, Fields: Statistics(id)))
            .Where(process => process.Fields.Length > 0)
            .ToLookup(process => int.Parse(process.Fields[1], CultureInfo.InvariantCulture), process => process.Id);
        var found = processes.ToList();
        for (var index = 0; index < found.Count; index++)
        {
            found.AddRange(parents[found[index]].Except(found).ToList());
        }

        return found;
    }

    // The fields from the third on (proc(5)); empty when the process has ended meanwhile. The second, the name, may hold spaces.
    private static string[] Statistics(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // utime and stime are the fields 14 and 15.
    private static long Ticks(string[] fields) =>
        fields.Length == 0 ? 0 : long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);

    private static long PssKibibytes(int id)
    {
        var line = File.ReadLines($"/proc/{id}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
