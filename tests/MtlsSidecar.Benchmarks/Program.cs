using System.Globalization;
using MtlsSidecar.Benchmarks.Handshakes;
using MtlsSidecar.Benchmarks.Micro;
using MtlsSidecar.Benchmarks.Pairs;
using MtlsSidecar.Benchmarks.Tunnels;

return args switch
{
    ["pairs"] => await PairsCommand.RunAsync(TimeSpan.FromSeconds(6)),
    ["pairs", "--seconds", var seconds] => await PairsCommand.RunAsync(TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture))),
    ["handshakes"] => await HandshakesCommand.RunAsync(TimeSpan.FromSeconds(6)),
    ["handshakes", "--seconds", var seconds] => await HandshakesCommand.RunAsync(TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture))),
    ["tunnels"] => await TunnelsCommand.RunAsync(TimeSpan.FromSeconds(4), rounds: 3),
    ["tunnels", "--seconds", var seconds] => await TunnelsCommand.RunAsync(TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), rounds: 3),
    ["tunnels", "--seconds", var seconds, "--rounds", var rounds] => await TunnelsCommand.RunAsync(
        TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), int.Parse(rounds, CultureInfo.InvariantCulture)),
    ["micro"] => MicroCommand.Run(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("pairs [--seconds 6] | handshakes [--seconds 6] | tunnels [--seconds 4 [--rounds 3]] | micro");
    return 2;
}
